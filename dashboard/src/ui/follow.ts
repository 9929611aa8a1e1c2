import { useLocation } from 'wouter';

interface FollowEvent {
  preventDefault(): void;
  readonly detail: { readonly href?: string | undefined; readonly external?: boolean | undefined };
}

/**
 * For `onFollow` of links and navigations: goes to another page without loading the whole again.
 */
export function useFollow(): (event: FollowEvent) => void {
  const [, navigate] = useLocation();
  return (event) => {
    const { href, external } = event.detail;
    if (href === undefined || external === true) return;
    event.preventDefault();
    navigate(href);
  };
}
